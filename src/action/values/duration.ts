import { InvalidValue } from '../../inputs/problems.ts';

const UNITS: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000 };
const SHORTEST_MS = 1_000;
const LONGEST_MS = 24 * 3_600_000;

/**
 * A duration as Go writes it (https://pkg.go.dev/time#ParseDuration), such as `10m` or `1h30m`: from one second, the
 * unit of a Workflow's deadline, to a day.
 *
 * @returns milliseconds
 * @throws InvalidValue
 */
export function duration(value: string): number {
  if (/^\d+$/.test(value)) throw new InvalidValue(`has no unit: give a duration such as "${value}s" or "10m"`);
  if (!/^(\d+(\.\d+)?(ms|s|m|h))+$/.test(value)) {
    throw new InvalidValue('is not a duration: give numbers with the units h, m and s, such as "10m" or "1h30m"');
  }
  const parts = [...value.matchAll(/([\d.]+)(ms|s|m|h)/g)];
  const milliseconds = parts.reduce((sum, [, count, unit = '']) => sum + Number(count) * (UNITS[unit] ?? 0), 0);
  if (milliseconds >= SHORTEST_MS && milliseconds <= LONGEST_MS) return Math.round(milliseconds);
  throw new InvalidValue('is out of bounds: give a duration from 1s to 24h');
}
