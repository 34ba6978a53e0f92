/* Numbers, times and distances for people. Pure: the locale and the clock are parameters, the time zone is the browser's. */
export type Locale = 'en' | 'zh';

const TAG: Record<Locale, string> = { en: 'en-GB', zh: 'zh-CN' };

const cache = new Map<string, Intl.DateTimeFormat>();
function dates(locale: Locale, name: string, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
	const key = `${locale} ${name}`;
	let found = cache.get(key);
	if (!found) cache.set(key, (found = new Intl.DateTimeFormat(TAG[locale], options)));
	return found;
}

export function dateTime(locale: Locale, iso: string): string {
	return dates(locale, 'dateTime', { day: 'numeric', month: 'short', hour: '2-digit', minute: '2-digit', hourCycle: 'h23' }).format(new Date(iso));
}

export function exactTime(locale: Locale, iso: string): string {
	return dates(locale, 'exact', { dateStyle: 'full', timeStyle: 'long', hourCycle: 'h23' } as Intl.DateTimeFormatOptions).format(new Date(iso));
}

export function clockTime(locale: Locale, ms: number): string {
	return dates(locale, 'clock', { hour: '2-digit', minute: '2-digit', second: '2-digit', hourCycle: 'h23' }).format(new Date(ms));
}

export function day(locale: Locale, iso: string): string {
	return dates(locale, 'day', { day: 'numeric', month: 'short', year: 'numeric' }).format(new Date(iso));
}

export function number(locale: Locale, value: number, digits = 0): string {
	return new Intl.NumberFormat(TAG[locale], { maximumFractionDigits: digits }).format(value);
}

const UNITS: Record<Locale, { d: string; h: string; m: string; s: string }> = {
	en: { d: 'd', h: 'h', m: 'min', s: 's' },
	zh: { d: '天', h: '小时', m: '分', s: '秒' },
};

/** "3 d 4 h", "2 h 05 min", "12 min", "48 s": the two units that matter. Never negative. */
export function duration(locale: Locale, ms: number): string {
	const unit = UNITS[locale];
	const gap = locale === 'zh' ? '' : ' ';
	const s = Math.max(0, Math.floor(ms / 1000));
	const parts = { d: Math.floor(s / 86_400), h: Math.floor(s / 3600) % 24, m: Math.floor(s / 60) % 60, s: s % 60 };
	const say = (value: number, name: keyof typeof unit) => `${value}${gap}${unit[name]}`;
	if (parts.d >= 10) return say(parts.d, 'd');
	if (parts.d > 0) return parts.h ? `${say(parts.d, 'd')} ${say(parts.h, 'h')}` : say(parts.d, 'd');
	if (parts.h > 0) return parts.m ? `${say(parts.h, 'h')} ${say(parts.m, 'm')}` : say(parts.h, 'h');
	return parts.m > 0 ? say(parts.m, 'm') : say(parts.s, 's');
}

/** One unit is enough for an age in a list. */
export function roughly(locale: Locale, ms: number): string {
	const step = [86_400_000, 3_600_000, 60_000, 1000].find((size) => ms >= size) ?? 1000;
	return duration(locale, Math.floor(ms / step) * step);
}

/** A countdown for a narrow column: 4:32 under an hour, then 3h 05, then 2d 4h. */
export function countdown(locale: Locale, ms: number): string {
	const s = Math.floor(Math.abs(ms) / 1000);
	const two = (value: number) => String(value).padStart(2, '0');
	const unit = UNITS[locale];
	if (s < 3600) return `${Math.floor(s / 60)}:${two(s % 60)}`;
	const h = Math.floor(s / 3600);
	if (h < 48) return locale === 'zh' ? `${h}${unit.h}${two(Math.floor(s / 60) % 60)}` : `${h}h ${two(Math.floor(s / 60) % 60)}`;
	return locale === 'zh' ? `${Math.floor(h / 24)}${unit.d}${h % 24}${unit.h}` : `${Math.floor(h / 24)}d ${h % 24}h`;
}

export function kilometres(locale: Locale, metres: number): string {
	return locale === 'zh' ? `${number(locale, metres / 1000)} 公里` : `${number(locale, metres / 1000)} km`;
}

export function metres(locale: Locale, value: number): string {
	if (value >= 1000) return locale === 'zh' ? `${number(locale, value / 1000, 1)} 公里` : `${number(locale, value / 1000, 1)} km`;
	return locale === 'zh' ? `${number(locale, value)} 米` : `${number(locale, value)} m`;
}

export function speed(locale: Locale, kmh: number): string {
	return locale === 'zh' ? `${number(locale, kmh, 1)} 公里/小时` : `${number(locale, kmh, 1)} km/h`;
}

/** Five decimals are about a metre. */
export function coordinates(locale: Locale, latitude: number, longitude: number): string {
	const ns = locale === 'zh' ? (latitude < 0 ? '南纬' : '北纬') : latitude < 0 ? 'S' : 'N';
	const ew = locale === 'zh' ? (longitude < 0 ? '西经' : '东经') : longitude < 0 ? 'W' : 'E';
	const lat = `${Math.abs(latitude).toFixed(5)}°`;
	const lon = `${Math.abs(longitude).toFixed(5)}°`;
	return locale === 'zh' ? `${ns} ${lat}，${ew} ${lon}` : `${lat} ${ns}, ${lon} ${ew}`;
}
