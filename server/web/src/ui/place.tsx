/* Where the car is or was, how well that is known and how old it is; or why it is not shown. The map comes only when it is needed. */
import { useEffect, useRef } from 'preact/hooks';
import type { Place } from '../api-types';
import { now, theme, toast } from '../app/state';
import { coordinates, duration, metres } from '../core/format';
import { locale, t } from '../i18n';
import { Card, Time } from './bits';
import type { MapView } from '../map/map';

const OLD_MS = 15 * 60_000;

function MapBox({ place }: { place: NonNullable<Place> }) {
	const box = useRef<HTMLDivElement>(null);
	const view = useRef<MapView | null>(null);
	const labels = { zoomIn: t('place.zoomin'), zoomOut: t('place.zoomout') };
	useEffect(() => {
		let gone = false;
		void import('../map/map').then(({ createMap }) => {
			if (gone || !box.current) return;
			view.current = createMap(box.current, labels);
			view.current.show(place.latitude, place.longitude, place.accuracy_m);
		});
		return () => {
			gone = true;
			view.current?.destroy();
			view.current = null;
		};
	}, [locale.value, theme.value]);
	useEffect(() => view.current?.show(place.latitude, place.longitude, place.accuracy_m), [place.latitude, place.longitude, place.accuracy_m]);
	return <div ref={box} class="map" role="application" aria-label={t('place.map', { where: coordinates(locale.value, place.latitude, place.longitude) })} />;
}

async function copy(place: NonNullable<Place>): Promise<void> {
	await navigator.clipboard.writeText(`${place.latitude.toFixed(6)}, ${place.longitude.toFixed(6)}`);
	toast(t('place.copied'));
}

export function PlaceFacts({ place }: { place: NonNullable<Place> }) {
	const age = now.value - Date.parse(place.fix_at);
	return (
		<p class="place-facts">
			<span class="mono">{coordinates(locale.value, place.latitude, place.longitude)}</span>
			<span class="dim">
				{place.accuracy_m === null ? t('place.accuracy.unknown') : t('place.accuracy', { distance: metres(locale.value, place.accuracy_m) })}
				{' · '}
				{t(`place.fix.${place.fix}`)}
				{' · '}
				<Time at={place.fix_at} label={t('place.age', { time: duration(locale.value, age) })} />
			</span>
			{age > OLD_MS && <span class="warn">{t('place.old')}</span>}
		</p>
	);
}

/** reason undefined: the page does not say why it may look; null: there is no reason. */
export function PlaceCard({ place, reason, title }: { place: Place; reason?: string | null; title?: string }) {
	if (!place)
		return (
			<Card title={title ?? t('ticket.position')}>
				<p class="dim">{reason ? t('place.unknown') : t('place.none')}</p>
			</Card>
		);
	const why = reason === 'rescue' || reason === 'theft' || reason === 'breakdown' || reason === 'consent' ? t(`place.reason.${reason}`) : reason;
	return (
		<section class="card" data-testid="place-card" data-lat={place.latitude} data-lon={place.longitude}>
			<header>
				<h2>{title ?? t('ticket.position')}</h2>
			</header>
			<MapBox place={place} />
			<PlaceFacts place={place} />
			<span class="buttons place-do">
					{'clipboard' in navigator && (
						<button type="button" class="quiet" onClick={() => void copy(place)}>
							{t('place.copy')}
						</button>
					)}
					<a class="button quiet" href={place.map_url}>
						{t('place.open')}
					</a>
				</span>
			<p class="dim small">
				{why ? `${t('place.reason', { reason: why })} ` : ''}
				{t('place.coarse')}
			</p>
		</section>
	);
}
