# find_package(knock) defines knock::knock: the shared library, or the static one where
# KNOCK_STATIC is on or no shared one is there. knock::shared and knock::static are each by itself.
# C++ programs find knock.hpp beside knock.h; it needs nlohmann_json.

include(CMakeFindDependencyMacro)
find_dependency(Threads)

# Installed as PREFIX/share/cmake/knock; the libraries are in PREFIX/lib or a folder of it.
get_filename_component(_knock_prefix "${CMAKE_CURRENT_LIST_DIR}/../../.." ABSOLUTE)
set(_knock_include "${_knock_prefix}/include")
file(GLOB _knock_shared "${_knock_prefix}/lib/libknock${CMAKE_SHARED_LIBRARY_SUFFIX}"
    "${_knock_prefix}/lib*/*/libknock${CMAKE_SHARED_LIBRARY_SUFFIX}"
    "${_knock_prefix}/lib64/libknock${CMAKE_SHARED_LIBRARY_SUFFIX}")
file(GLOB _knock_static "${_knock_prefix}/lib/libknock${CMAKE_STATIC_LIBRARY_SUFFIX}"
    "${_knock_prefix}/lib*/*/libknock${CMAKE_STATIC_LIBRARY_SUFFIX}"
    "${_knock_prefix}/lib64/libknock${CMAKE_STATIC_LIBRARY_SUFFIX}")

if(_knock_shared AND NOT TARGET knock::shared)
    list(GET _knock_shared 0 _knock_library)
    add_library(knock::shared SHARED IMPORTED)
    set_target_properties(knock::shared PROPERTIES
        IMPORTED_LOCATION "${_knock_library}"
        INTERFACE_INCLUDE_DIRECTORIES "${_knock_include}")
endif()

if(_knock_static AND NOT TARGET knock::static)
    list(GET _knock_static 0 _knock_library)
    add_library(knock::static STATIC IMPORTED)
    # What Rust's standard library asks of the system.
    set_target_properties(knock::static PROPERTIES
        IMPORTED_LOCATION "${_knock_library}"
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
    set(knock_NOT_FOUND_MESSAGE "there is no libknock below ${_knock_prefix}")
endif()

foreach(_knock_name prefix include shared static library chosen)
    unset(_knock_${_knock_name})
endforeach()
