/* Which rows of a long list are worth having in the page. Pure. */
export type Window = { first: number; last: number };

/** Rows [first, last) cover the view plus `spare` rows on each side. */
export function visibleRows(count: number, rowHeight: number, scrollTop: number, viewHeight: number, spare: number): Window {
	const first = Math.max(0, Math.min(count, Math.floor(scrollTop / rowHeight)) - spare);
	const last = Math.min(count, Math.ceil((scrollTop + viewHeight) / rowHeight) + spare);
	return { first, last: Math.max(first, last) };
}

/** The scroll position that shows row `index` whole, moving as little as possible. */
export function scrollToShow(index: number, rowHeight: number, scrollTop: number, viewHeight: number): number {
	const top = index * rowHeight;
	if (top < scrollTop) return top;
	return top + rowHeight > scrollTop + viewHeight ? top + rowHeight - viewHeight : scrollTop;
}
