# What the compilers are asked to say about this project's own sources. The engine is an interface
# library and carries none of this, so a downstream user keeps his own warnings.
function(twinwalk_warnings target)
  if(NOT TWINWALK_DEVELOPER)
    return()
  endif()
  target_compile_options(${target} PRIVATE
    -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wnon-virtual-dtor -Werror)
  if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    # g++ 12 reports these inside inlined standard-library code where nothing is wrong.
    target_compile_options(${target} PRIVATE
      -Wno-restrict -Wno-maybe-uninitialized -Wno-array-bounds -Wno-stringop-overflow
      -Wno-stringop-overread)
  endif()
endfunction()
