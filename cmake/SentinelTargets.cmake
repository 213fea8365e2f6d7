# Every folder of src/ is one target; its link list is its include right: a header is found only through a linked target.

set(CMAKE_CXX_STANDARD 23)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
if(NOT CMAKE_BUILD_TYPE AND NOT CMAKE_CONFIGURATION_TYPES)
  set(CMAKE_BUILD_TYPE Release CACHE STRING "" FORCE)
endif()

find_program(SENTINEL_CCACHE ccache)
if(SENTINEL_CCACHE AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
  set(CMAKE_CXX_COMPILER_LAUNCHER "${SENTINEL_CCACHE}")
endif()

add_library(sentinel_options INTERFACE)
target_compile_options(sentinel_options INTERFACE -Wall -Wextra -Wpedantic -Wconversion -Wshadow -Werror
  -Wno-missing-designated-field-initializers  # members left out of a designated initializer have their defaults: that is its use
  $<$<CONFIG:Debug>:-g1> -fno-omit-frame-pointer -ffile-prefix-map=${CMAKE_SOURCE_DIR}/=)
find_program(SENTINEL_LLD NAMES ld.lld-19 ld.lld)
if(SENTINEL_LLD)
  target_link_options(sentinel_options INTERFACE -fuse-ld=${SENTINEL_LLD})
endif()
if(SENTINEL_SANITIZE)
  target_compile_options(sentinel_options INTERFACE -fsanitize=${SENTINEL_SANITIZE} -fno-sanitize-recover=all)
  target_link_options(sentinel_options INTERFACE -fsanitize=${SENTINEL_SANITIZE})
endif()
if(SENTINEL_FUZZ)
  target_compile_options(sentinel_options INTERFACE -fsanitize=fuzzer-no-link)
endif()
if(SENTINEL_COVERAGE)
  target_compile_options(sentinel_options INTERFACE -fprofile-instr-generate -fcoverage-mapping)
  target_link_options(sentinel_options INTERFACE -fprofile-instr-generate)
endif()

# sentinel_library(<name> [FOLDER <path below src/>] SOURCES <file>… LINKS <target>…): a static library sentinel_<name>, alias
# sentinel::<name>, whose headers are included as "<folder>/x.hpp" (the folder is the name where none is given). Each folder's headers are exposed through its own include root so that an
# include of a folder that is not linked does not compile.
function(sentinel_library name)
  cmake_parse_arguments(ARG "" "FOLDER" "SOURCES;LINKS;PRIVATE_LINKS" ${ARGN})
  if(NOT ARG_FOLDER)
    set(ARG_FOLDER ${name})
  endif()
  add_library(sentinel_${name} STATIC ${ARG_SOURCES})
  add_library(sentinel::${name} ALIAS sentinel_${name})
  sentinel_include_root(sentinel_${name} ${ARG_FOLDER})
  target_link_libraries(sentinel_${name} PUBLIC ${ARG_LINKS} PRIVATE $<BUILD_INTERFACE:sentinel_options> ${ARG_PRIVATE_LINKS})
endfunction()

# Makes "<folder>/…" includable, and nothing beside it: a directory that holds one link to the folder.
function(sentinel_include_root target folder)
  # One place for every build folder, so that ccache serves them all from one compilation.
  get_filename_component(root "${CMAKE_CURRENT_FUNCTION_LIST_DIR}/../build/include/${target}" ABSOLUTE)
  get_filename_component(parent "${root}/${folder}" DIRECTORY)
  file(MAKE_DIRECTORY "${parent}")
  if(NOT EXISTS "${root}/${folder}")  # two build folders may be configured at once
    file(CREATE_LINK "${CMAKE_CURRENT_SOURCE_DIR}" "${root}/${folder}" SYMBOLIC)
  endif()
  target_include_directories(${target} PUBLIC "$<BUILD_INTERFACE:${root}>")
endfunction()

# sentinel_test(<name> SOURCES <file>… LINKS <target>… [ARGUMENTS …]): a GoogleTest program registered with ctest.
function(sentinel_test name)
  if(NOT SENTINEL_TESTS)
    return()
  endif()
  cmake_parse_arguments(ARG "" "" "SOURCES;LINKS" ${ARGN})
  add_executable(${name} ${ARG_SOURCES})
  target_link_libraries(${name} PRIVATE ${ARG_LINKS} sentinel_options GTest::gtest_main)
  target_compile_definitions(${name} PRIVATE SENTINEL_SOURCE_DIR="${CMAKE_SOURCE_DIR}" SENTINEL_SHARED_DIR="${CMAKE_SOURCE_DIR}/../shared")
  if(SENTINEL_SANITIZE OR SENTINEL_COVERAGE)
    target_compile_options(${name} PRIVATE -O0)  # half the time to compile; what is tested keeps its own level
  endif()
  add_test(NAME ${name} COMMAND ${name})
endfunction()

# sentinel_fuzzer(<name> SOURCES <file>… LINKS <target>…): a libFuzzer program fuzz_<name>.
function(sentinel_fuzzer name)
  if(NOT SENTINEL_FUZZ)
    return()
  endif()
  cmake_parse_arguments(ARG "" "" "SOURCES;LINKS" ${ARGN})
  add_executable(fuzz_${name} ${ARG_SOURCES})
  target_link_libraries(fuzz_${name} PRIVATE ${ARG_LINKS} sentinel_options)
  target_link_options(fuzz_${name} PRIVATE -fsanitize=fuzzer)
endfunction()
