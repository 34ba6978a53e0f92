/*
 * Gives back the memory that only the start needed: clean pages of the program and its libraries (they come back from the file when they
 * are used again), and the heap's free pages. A car's computer has little memory and much else to do.
 */
#ifndef TT_FIRMWARE_IO_RESIDENT_H
#define TT_FIRMWARE_IO_RESIDENT_H

/* Best effort: nothing depends on its success. Call once, when the start is over. */
void tt_resident_trim(void);

#endif
