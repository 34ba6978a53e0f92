/* Texts have their bounds in bytes of UTF-8 (schemas/openapi.yaml): a Chinese character takes three. Pure. */
export const NOTE_BYTES = 1900;
export const OUTCOME_BYTES = 110;

const encoder = new TextEncoder();

export function utf8Bytes(text: string): number {
	return encoder.encode(text).length;
}
