# What a libFuzzer binary needs, and nobody else: libraries whose code reports coverage.
#
# An address-sanitized build reports it everywhere (its preset says so, and the sanitizer's runtime
# answers where libFuzzer is absent), so its libraries are used as they are. A plain build keeps the
# command line free of that cost and compiles the two libraries a second time, as `<name>_covered`.
if(TWINWALK_LIBFUZZER AND NOT CMAKE_CXX_FLAGS MATCHES "fuzzer-no-link")
  set(TWINWALK_COVERED "_covered")
else()
  set(TWINWALK_COVERED "")
endif()

# twinwalk_covered_library(<name> SOURCES <file>... LINK <target>...): the twin of twinwalk_library
# that fuzz targets link, where there has to be one.
function(twinwalk_covered_library name)
  if(TWINWALK_COVERED)
    twinwalk_library(${name}_covered ${ARGN})
    get_target_property(type ${name}_covered TYPE)
    if(NOT type STREQUAL "INTERFACE_LIBRARY")
      target_compile_options(${name}_covered PRIVATE -fsanitize=fuzzer-no-link)
    endif()
  endif()
endfunction()

# twinwalk_fuzz_target(<name> <library> <source>...): the binary fuzz_<name> where the preset asks
# for it; everywhere else the source is still compiled, so that it cannot rot.
function(twinwalk_fuzz_target name library)
  if(TWINWALK_LIBFUZZER)
    add_executable(fuzz_${name} ${ARGN})
    target_compile_options(fuzz_${name} PRIVATE -fsanitize=fuzzer-no-link)
    target_link_options(fuzz_${name} PRIVATE -fsanitize=fuzzer)
    add_dependencies(fuzzers fuzz_${name})
  else()
    add_library(fuzz_${name} OBJECT ${ARGN})
  endif()
  target_link_libraries(fuzz_${name} PRIVATE ${library}${TWINWALK_COVERED})
  twinwalk_warnings(fuzz_${name})
endfunction()
