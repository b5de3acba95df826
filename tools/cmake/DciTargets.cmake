# dci_library(NAME [PUBLIC_LIBS...]): a static library of every .cpp in this folder and below.
# dci_program(NAME LIBS...): an executable of the same.
# Both compile with every warning an error; headers of other projects are SYSTEM.
add_library(dci_flags INTERFACE)
target_include_directories(dci_flags INTERFACE ${CMAKE_SOURCE_DIR})
# -ffp-contract=off: a fused multiply-add must be where we wrote it, or results differ by machine.
target_compile_options(dci_flags INTERFACE
  -Wall -Wextra -Wpedantic -Werror -Wshadow -Wnon-virtual-dtor -ffp-contract=off)
if(CMAKE_CXX_COMPILER_ID STREQUAL GNU)
  # GCC 12 sees overlaps, uninitialised reads and reads out of bounds inside its own std::string
  # (its bugs 105329, 105562, 105651).
  target_compile_options(dci_flags INTERFACE
    -Wno-restrict -Wno-maybe-uninitialized -Wno-array-bounds -Wno-stringop-overflow)
endif()
target_compile_definitions(dci_flags INTERFACE CAF_ENABLE_TYPE_ID_CHECKS)
if(DCI_SANITIZE)
  # Torch's and CAF's objects are not instrumented, so vptr checks across them cannot work.
  target_compile_options(dci_flags INTERFACE
    -fsanitize=address,undefined -fno-sanitize=vptr -fno-sanitize-recover=all -fno-omit-frame-pointer -g1)
  target_link_options(dci_flags INTERFACE -fsanitize=address,undefined)
endif()

function(dci_library name)
  file(GLOB_RECURSE sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/*.cpp)
  add_library(${name} STATIC ${sources})
  target_link_libraries(${name} PUBLIC dci_flags ${ARGN})
endfunction()

function(dci_program name)
  file(GLOB_RECURSE sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/*.cpp)
  add_executable(${name} ${sources})
  target_link_libraries(${name} PRIVATE dci_flags ${ARGN})
endfunction()
