/* The icons: strokes on a 24 grid, drawn here, coloured by the text around them. Decoration only: the words carry the meaning. */
const PATHS = {
	queue: 'M4 6h10M4 12h16M4 18h7',
	rescue: 'M12 3v4M12 17v4M3 12h4M17 12h4M12 8.5a3.5 3.5 0 1 0 0 7a3.5 3.5 0 1 0 0-7',
	reminders: 'M12 7v5l3.5 2M12 3.5a8.5 8.5 0 1 0 0 17a8.5 8.5 0 1 0 0-17',
	customers: 'M12 12a4 4 0 1 0 0-8a4 4 0 1 0 0 8M4.5 20c.8-3.6 3.800-5.500 7.500-5.500s6.700 1.900 7.500 5.500',
	vehicle: 'M4 16v-4l2-5.500h12l2 5.500v4zM4 12h16M7.500 16v2M16.500 16v2M7 14h.01M17 14h.01',
	sound: 'M4 9.500v5h3.500l4.500 4v-13l-4.500 4zM15.500 9a4 4 0 0 1 0 6M18 6.500a7.500 7.500 0 0 1 0 11',
	mute: 'M4 9.500v5h3.500l4.500 4v-13l-4.500 4zM16 10l4 4M20 10l-4 4',
	phone: 'M6 4h3.500l1.500 4-2 1.500a11 11 0 0 0 5.500 5.500l1.500-2 4 1.500V18a2 2 0 0 1-2 2A15 15 0 0 1 4 6a2 2 0 0 1 2-2',
	back: 'M14.500 5.500L8 12l6.500 6.500',
	pin: 'M12 21s-6.500-6-6.500-11a6.500 6.500 0 0 1 13 0c0 5-6.500 11-6.500 11M12 7.800a2.200 2.200 0 1 0 0 4.400a2.200 2.200 0 1 0 0-4.400',
	alarm: 'M12 4L2.800 19.500h18.400zM12 10v4.500M12 17.200h.01',
	user: 'M12 12a4 4 0 1 0 0-8a4 4 0 1 0 0 8M4.500 20c.8-3.600 3.800-5.500 7.500-5.500s6.700 1.900 7.500 5.500',
	lamp: 'M4 9h2l1.500-2.500h7L16 9h2.500v2H21v5h-2.500v1.500H8L5.500 15H4zM9.500 11.500l2.500 1.500-1 1.500',
	search: 'M10.500 4a6.500 6.500 0 1 0 0 13a6.500 6.500 0 1 0 0-13M15.500 15.500L20 20',
} as const;

export type IconName = keyof typeof PATHS;

export function Icon({ name }: { name: IconName }) {
	return (
		<svg class="icon" viewBox="0 0 24 24" aria-hidden="true" focusable="false">
			<path d={PATHS[name]} />
		</svg>
	);
}

/** The mark: a warning lamp that tells. */
export function Mark() {
	return (
		<svg class="mark" viewBox="0 0 32 32" aria-hidden="true" focusable="false">
			<circle cx="16" cy="16" r="6.500" class="mark-lamp" />
			<path d="M9 7.500a11.500 11.500 0 0 0 0 17M23 7.500a11.500 11.500 0 0 1 0 17" class="mark-wave" />
		</svg>
	);
}
