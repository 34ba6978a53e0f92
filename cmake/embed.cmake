# tt_embed(<library> <header name> <file> ...): a static library whose header <header name>.h declares, for each file, its bytes as
# `extern const char tt_embed_<name>[]` (NUL-terminated) and `extern const size_t tt_embed_<name>_len`. <name> is the file's name with
# everything but letters and digits as '_'.
function(tt_embed library header)
	set(dir ${CMAKE_CURRENT_BINARY_DIR}/${library})
	file(MAKE_DIRECTORY ${dir})
	set(source "#include \"${header}.h\"\n")
	set(declarations "#pragma once\n#include <stddef.h>\n")
	set(paths)
	foreach(path ${ARGN})
		get_filename_component(path ${path} ABSOLUTE)
		get_filename_component(file ${path} NAME)
		string(MAKE_C_IDENTIFIER ${file} id)
		string(APPEND declarations "extern const char tt_embed_${id}[];\nextern const size_t tt_embed_${id}_len;\n")
		string(APPEND source "__asm__(\".section .rodata\\n.globl tt_embed_${id}\\n.hidden tt_embed_${id}\\n.type tt_embed_${id}, @object\\n"
			"tt_embed_${id}:\\n.incbin \\\"${path}\\\"\\n.Ltt_embed_${id}_end:\\n.byte 0\\n"
			".balign 8\\n.globl tt_embed_${id}_len\\n.hidden tt_embed_${id}_len\\n.type tt_embed_${id}_len, @object\\n"
			"tt_embed_${id}_len:\\n.quad .Ltt_embed_${id}_end - tt_embed_${id}\\n.previous\\n\");\n")
		list(APPEND paths ${path})
	endforeach()
	file(CONFIGURE OUTPUT ${dir}/${header}.h CONTENT "${declarations}" @ONLY)
	file(CONFIGURE OUTPUT ${dir}/${library}.c CONTENT "${source}" @ONLY)
	add_library(${library} STATIC ${dir}/${library}.c)
	set_source_files_properties(${dir}/${library}.c PROPERTIES OBJECT_DEPENDS "${paths}" COMPILE_OPTIONS "-w")
	target_include_directories(${library} SYSTEM PUBLIC ${dir})
endfunction()
