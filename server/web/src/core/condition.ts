/* Which of a unit's conditions somebody should look at. */
import type { Unit } from '../api-types';

type Condition = { name: string; since: string; detail?: string };

const ASLEEP = ['parked', 'sleep', 'deep_sleep'];

/* A parked car's network sleeps, and a garage has no sky: both are trouble only while the car is driven. */
const USUAL_WHILE_PARKED = ['bus.silent', 'gps.no_fix'];

export const troubles = <C extends Condition>(conditions: C[], power: NonNullable<Unit>['power'] | undefined): C[] =>
	power && ASLEEP.includes(power) ? conditions.filter((one) => !USUAL_WHILE_PARKED.includes(one.name)) : conditions;
