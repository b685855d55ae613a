# find_package(knock) defines knock::knock: the shared library, or the static one where
# KNOCK_STATIC is on or no shared one is there. knock::shared and knock::static are each by itself.
# C++ programs find knock.hpp beside knock.h; it needs nlohmann_json.

include(CMakeFindDependencyMacro)
find_dependency(Threads)

# Installed as PREFIX/share/cmake/knock. Where the prefix has libraries for several architectures,
# those of the target are in a folder named after it, or in lib64 or lib32.
get_filename_component(_knock_prefix "${CMAKE_CURRENT_LIST_DIR}/../../.." ABSOLUTE)
set(_knock_include "${_knock_prefix}/include")
set(_knock_folders "")
if(CMAKE_LIBRARY_ARCHITECTURE)
    list(APPEND _knock_folders "lib/${CMAKE_LIBRARY_ARCHITECTURE}")
endif()
if(CMAKE_SIZEOF_VOID_P EQUAL 8)
    list(APPEND _knock_folders lib64 lib)
else()
    list(APPEND _knock_folders lib32 lib)
endif()

# What an ELF file, or the first object of an archive, is for: class, byte order and machine; empty
# for other formats.
function(_knock_target_of file result)
    set(at 0)
    file(READ "${file}" magic LIMIT 8 HEX)
    if(magic STREQUAL "213c617263683e0a")
        set(at 8)
        # The index and the long names come before the objects.
        foreach(unused RANGE 2)
            file(READ "${file}" entry OFFSET ${at} LIMIT 60)
            math(EXPR at "${at} + 60")
            if(NOT entry MATCHES "^//? ")
                break()
            endif()
            string(SUBSTRING "${entry}" 48 10 size)
            string(STRIP "${size}" size)
            math(EXPR at "${at} + ${size} + ${size} % 2")
        endforeach()
    endif()
    file(READ "${file}" header OFFSET ${at} LIMIT 20 HEX)
    set(target "")
    if(header MATCHES "^7f454c46(....)")
        string(SUBSTRING "${header}" 36 4 machine)
        set(target "${CMAKE_MATCH_1}${machine}")
    endif()
    set(${result} "${target}" PARENT_SCOPE)
endfunction()

# A program that CMake has compiled for the target.
file(GLOB _knock_sample "${CMAKE_PLATFORM_INFO_DIR}/CMakeDetermineCompilerABI_C*.bin")
set(_knock_target "")
if(_knock_sample)
    list(GET _knock_sample 0 _knock_sample)
    _knock_target_of("${_knock_sample}" _knock_target)
endif()

set(_knock_shared "")
set(_knock_static "")
set(_knock_foreign "")
foreach(_knock_folder IN LISTS _knock_folders)
    foreach(_knock_kind shared static)
        string(TOUPPER "${_knock_kind}" _knock_suffix)
        set(_knock_library "${_knock_prefix}/${_knock_folder}/libknock${CMAKE_${_knock_suffix}_LIBRARY_SUFFIX}")
        if(EXISTS "${_knock_library}" AND NOT _knock_${_knock_kind})
            _knock_target_of("${_knock_library}" _knock_found)
            if(_knock_found AND _knock_target AND NOT _knock_found STREQUAL _knock_target)
                list(APPEND _knock_foreign "${_knock_library}")
            else()
                set(_knock_${_knock_kind} "${_knock_library}")
            endif()
        endif()
    endforeach()
endforeach()

if(_knock_shared AND NOT TARGET knock::shared)
    add_library(knock::shared SHARED IMPORTED)
    set_target_properties(knock::shared PROPERTIES
        IMPORTED_LOCATION "${_knock_shared}"
        INTERFACE_INCLUDE_DIRECTORIES "${_knock_include}")
endif()

if(_knock_static AND NOT TARGET knock::static)
    add_library(knock::static STATIC IMPORTED)
    # What Rust's standard library asks of the system.
    set_target_properties(knock::static PROPERTIES
        IMPORTED_LOCATION "${_knock_static}"
        INTERFACE_INCLUDE_DIRECTORIES "${_knock_include}"
        INTERFACE_LINK_LIBRARIES "Threads::Threads;${CMAKE_DL_LIBS};m")
endif()

if(TARGET knock::static AND (KNOCK_STATIC OR NOT TARGET knock::shared))
    set(_knock_chosen knock::static)
else()
    set(_knock_chosen knock::shared)
endif()

if(TARGET ${_knock_chosen})
    if(NOT TARGET knock::knock)
        add_library(knock::knock INTERFACE IMPORTED)
        set_target_properties(knock::knock PROPERTIES INTERFACE_LINK_LIBRARIES ${_knock_chosen})
    endif()
    set(knock_FOUND TRUE)
else()
    set(knock_FOUND FALSE)
    list(JOIN _knock_folders ", " _knock_folders)
    set(knock_NOT_FOUND_MESSAGE "there is no libknock in ${_knock_folders} of ${_knock_prefix}")
    if(_knock_foreign)
        string(APPEND knock_NOT_FOUND_MESSAGE " for this architecture; for another one there is ${_knock_foreign}")
    endif()
endif()

foreach(_knock_name prefix include folders folder kind suffix sample target shared static foreign
        library found chosen)
    unset(_knock_${_knock_name})
endforeach()
unset(_knock_name)
