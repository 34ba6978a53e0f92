/*
 * The small map, with Leaflet and no tiles: land as a vector (world-atlas, from Natural Earth, without borders), a graticule, a scale,
 * the fix and its accuracy. Nothing is asked from outside. A chunk of its own, read when the first position is shown.
 */
import L from 'leaflet';

export type MapView = { show(latitude: number, longitude: number, accuracyM: number | null): void; destroy(): void };

const STEPS = [30, 10, 5, 2, 1, 0.5, 0.2, 0.1, 0.05, 0.02, 0.01, 0.005, 0.002, 0.001];
const START_ZOOM = 9;
const MAX_LINES = 40;

/** Lines of the widest step that puts at least three of them across the view. */
function graticule(bounds: L.LatLngBounds): L.LatLngExpression[][] {
	const width = bounds.getEast() - bounds.getWest();
	const step = STEPS.find((size) => width / size >= 3) ?? STEPS.at(-1)!;
	const lines: L.LatLngExpression[][] = [];
	const from = (value: number) => Math.ceil(value / step) * step;
	for (let lon = from(bounds.getWest()); lon <= bounds.getEast() && lines.length < MAX_LINES; lon += step)
		lines.push([
			[bounds.getSouth(), lon],
			[bounds.getNorth(), lon],
		]);
	for (let lat = from(bounds.getSouth()); lat <= bounds.getNorth() && lines.length < MAX_LINES; lat += step)
		lines.push([
			[lat, bounds.getWest()],
			[lat, bounds.getEast()],
		]);
	return lines;
}

export function createMap(box: HTMLElement, labels: { zoomIn: string; zoomOut: string }): MapView {
	const map = L.map(box, { zoomControl: false, attributionControl: false, minZoom: 1, maxZoom: 17, zoomSnap: 0.5, worldCopyJump: true, scrollWheelZoom: false });
	L.control.zoom({ zoomInTitle: labels.zoomIn, zoomOutTitle: labels.zoomOut }).addTo(map);
	L.control.scale({ imperial: false }).addTo(map);
	// The position is shown at once; the coast comes when it is here.
	let gone = false;
	void import('./land').then(({ land }) => {
		if (!gone) L.geoJSON(land, { interactive: false, style: { className: 'map-land', weight: 1 } }).addTo(map).bringToBack();
	});
	const grid = L.layerGroup().addTo(map);
	const draw = () => {
		grid.clearLayers();
		for (const line of graticule(map.getBounds().pad(0.1))) L.polyline(line, { className: 'map-grid', weight: 1, interactive: false }).addTo(grid);
	};
	map.on('moveend', draw);
	const marks = L.layerGroup().addTo(map);
	const resized = new ResizeObserver(() => map.invalidateSize({ pan: false }));
	resized.observe(box);
	return {
		show(latitude, longitude, accuracyM) {
			marks.clearLayers();
			if (accuracyM) L.circle([latitude, longitude], { radius: accuracyM, className: 'map-accuracy', weight: 1, interactive: false }).addTo(marks);
			L.circleMarker([latitude, longitude], { radius: 7, className: 'map-fix', weight: 3, interactive: false }).addTo(marks);
			map.setView([latitude, longitude], START_ZOOM, { animate: false });
		},
		destroy() {
			gone = true;
			resized.disconnect();
			map.remove();
		},
	};
}
