# Headers that stand on their own: each is compiled as the only content of a file, twice included.
# The engine's are compiled once more as a kernel would: without a hosted library, exceptions or
# run-time types, and under clang for a target that has no operating system.

set(twinwalk_freestanding -ffreestanding -fno-exceptions -fno-rtti -O2 -g0)

# Writes one source for each header below the current directory and names them in <variable>.
function(twinwalk_header_sources variable room)
  file(GLOB_RECURSE headers CONFIGURE_DEPENDS RELATIVE "${CMAKE_CURRENT_SOURCE_DIR}" *.hpp)
  set(sources "")
  foreach(header IN LISTS headers)
    string(REPLACE "/" "." stem "${header}")
    set(source "${CMAKE_CURRENT_BINARY_DIR}/alone/${stem}.cc")
    set(include "#include \"${room}/${header}\"\n")
    file(CONFIGURE OUTPUT "${source}" CONTENT "${include}${include}" @ONLY)
    list(APPEND sources "${source}")
  endforeach()
  set(${variable} "${sources}" PARENT_SCOPE)
endfunction()

# twinwalk_headers_alone(<room> LINK <target>...): by the first compiler. A header that lacks an
# include lacks it for both, and the second one still compiles each of the engine's, freestanding.
function(twinwalk_headers_alone room)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "" "LINK")
  if(NOT TWINWALK_SELFCHECK OR CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    return()
  endif()
  twinwalk_header_sources(sources ${room})
  if(sources)
    add_library(${room}_headers_alone OBJECT ${sources})
    target_link_libraries(${room}_headers_alone PRIVATE ${arg_LINK})
    target_compile_options(${room}_headers_alone PRIVATE -O0 -g0)
    add_dependencies(selfcheck ${room}_headers_alone)
    twinwalk_warnings(${room}_headers_alone)
  endif()
endfunction()

# twinwalk_freestanding_objects(<name> SOURCES <file>... OPTIONS <option>... ALLOW <option>...):
# compiles the sources freestanding, and a test that they ask nothing of a linker but what is allowed.
function(twinwalk_freestanding_objects name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "" "SOURCES;OPTIONS;ALLOW")
  add_library(${name} OBJECT ${arg_SOURCES})
  target_link_libraries(${name} PRIVATE twinwalk::engine)
  target_compile_options(${name} PRIVATE ${twinwalk_freestanding} ${arg_OPTIONS})
  twinwalk_warnings(${name})
  add_dependencies(selfcheck ${name})
  if(TWINWALK_TESTS)
    add_test(NAME ${name}.needs_no_symbol
      COMMAND Python3::Interpreter "${PROJECT_SOURCE_DIR}/tools/check_undefined.py"
        --nm "${CMAKE_NM}" ${arg_ALLOW} $<TARGET_OBJECTS:${name}>
      COMMAND_EXPAND_LISTS)
    set_tests_properties(${name}.needs_no_symbol PROPERTIES LABELS repository)
  endif()
endfunction()

# twinwalk_engine_freestanding(<source>...): every header of the engine, and the given sources.
function(twinwalk_engine_freestanding)
  if(NOT TWINWALK_SELFCHECK)
    return()
  endif()
  twinwalk_header_sources(headers engine)
  twinwalk_freestanding_objects(engine_freestanding SOURCES ${headers} ${ARGN})
  if(CMAKE_CXX_COMPILER_ID STREQUAL "Clang" AND CMAKE_SYSTEM_PROCESSOR STREQUAL "x86_64")
    # Debian has no C++ library for bare targets; the freestanding headers of the host's serve.
    # Kernels forbid the red zone and vector registers, so these do too.
    list(TRANSFORM CMAKE_CXX_IMPLICIT_INCLUDE_DIRECTORIES PREPEND "-idirafter"
      OUTPUT_VARIABLE host_headers)
    twinwalk_freestanding_objects(engine_bare SOURCES ${headers} ${ARGN}
      OPTIONS --target=x86_64-unknown-none -mno-red-zone -mgeneral-regs-only ${host_headers})
    # Of another machine the host's C library has no list of stubs to include; an empty one does.
    file(CONFIGURE OUTPUT "${CMAKE_CURRENT_BINARY_DIR}/no_stubs/gnu/stubs-32.h" CONTENT "")
    list(APPEND host_headers "-idirafter${CMAKE_CURRENT_BINARY_DIR}/no_stubs")
    twinwalk_freestanding_objects(engine_bare_riscv64 SOURCES ${ARGN}
      OPTIONS --target=riscv64-unknown-none-elf -march=rv64imac -mabi=lp64 ${host_headers}
      ALLOW --allow-memory-functions)
    twinwalk_freestanding_objects(engine_bare_aarch64 SOURCES ${ARGN}
      OPTIONS --target=aarch64-unknown-none-elf -mgeneral-regs-only ${host_headers}
      ALLOW --allow-memory-functions)
    twinwalk_freestanding_objects(engine_bare_loongarch64 SOURCES ${ARGN}
      OPTIONS --target=loongarch64-unknown-none-elf ${host_headers}
      ALLOW --allow-memory-functions)
  endif()
endfunction()
