# Language level, warnings and sanitizers, for every target alike.

option(TT_WERROR "Warnings are errors" ON)
option(TT_AGENT_ONLY "The car's programs and the tests of their pure rooms, nothing else" OFF)
option(TT_FUZZ "Build libFuzzer targets (clang only)" OFF)
option(TT_COVERAGE "Count lines and branches (gcc)" OFF)
set(TT_SANITIZE "" CACHE STRING "Sanitizers, e.g. address,undefined or thread")

set(CMAKE_C_STANDARD 17)
set(CMAKE_C_STANDARD_REQUIRED ON)
set(CMAKE_C_EXTENSIONS OFF)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
set(CMAKE_C_VISIBILITY_PRESET hidden)
add_compile_definitions(_GNU_SOURCE)
# A 32-bit car computer lives past 2038.
if(CMAKE_SIZEOF_VOID_P EQUAL 4)
	add_compile_definitions(_FILE_OFFSET_BITS=64 _TIME_BITS=64)
endif()

add_compile_options(-Wall -Wextra -Wpedantic -Wconversion -Wshadow -Wvla -Wswitch-enum -Wstrict-prototypes -Wmissing-prototypes
	-Wformat=2 -fno-common -fstack-protector-strong -ffunction-sections -fdata-sections)
add_link_options(-Wl,--gc-sections)
# gcc guesses across "output is written only on TT_OK" and is wrong; clang's -Wsometimes-uninitialized and the sanitizers stay on.
if(CMAKE_C_COMPILER_ID STREQUAL "GNU")
	add_compile_options(-Wno-maybe-uninitialized)
endif()
set(CMAKE_C_FLAGS_RELEASE "-O2 -g -DNDEBUG")
if(TT_WERROR)
	add_compile_options(-Werror)
endif()
if(TT_SANITIZE)
	add_compile_options(-fsanitize=${TT_SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=all)
	add_link_options(-fsanitize=${TT_SANITIZE})
endif()
if(TT_COVERAGE)
	add_compile_options(--coverage -O0)
	add_link_options(--coverage)
endif()
if(TT_FUZZ)
	# The rooms too, not the target's own file alone: without it libFuzzer sees no coverage and searches blindly.
	add_compile_options(-fsanitize=fuzzer-no-link)
endif()
find_program(TT_CCACHE ccache)
if(TT_CCACHE)
	set(CMAKE_C_COMPILER_LAUNCHER ${TT_CCACHE})
endif()

find_package(PkgConfig REQUIRED)
