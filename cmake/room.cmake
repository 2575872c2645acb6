# A room is a directory whose sources form one library. Sources are found, not listed, so that
# adding a file is adding a file.

# twinwalk_sources(<variable> <pattern>... [EXCLUDE <regex>...]): paths below the current directory.
function(twinwalk_sources variable)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "" "EXCLUDE")
  file(GLOB_RECURSE found CONFIGURE_DEPENDS RELATIVE "${CMAKE_CURRENT_SOURCE_DIR}"
    ${arg_UNPARSED_ARGUMENTS})
  foreach(regex IN LISTS arg_EXCLUDE)
    list(FILTER found EXCLUDE REGEX "${regex}")
  endforeach()
  set(${variable} "${found}" PARENT_SCOPE)
endfunction()

# twinwalk_library(<name> SOURCES <file>... LINK <target>...): a static library, or an interface
# library while the room has headers only.
function(twinwalk_library name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "" "SOURCES;LINK")
  if(arg_SOURCES)
    add_library(${name} STATIC ${arg_SOURCES})
    target_link_libraries(${name} PUBLIC ${arg_LINK})
    twinwalk_warnings(${name})
  else()
    add_library(${name} INTERFACE)
    target_link_libraries(${name} INTERFACE ${arg_LINK})
  endif()
endfunction()
