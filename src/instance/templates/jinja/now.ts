const DAYS = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'];
const MONTHS = [
  'January',
  'February',
  'March',
  'April',
  'May',
  'June',
  'July',
  'August',
  'September',
  'October',
  'November',
  'December',
];

/**
 * The time as Python's `strftime` writes it in UTC, for cookiecutter's `{% now %}`.
 *
 * @throws Error for a time zone other than UTC, and for parts of a format that depend on the machine
 */
export function strftime(now: Date, zone: string, format: string): string {
  if (!/^utc$/i.test(zone)) throw new Error(`{% now %} knows the time zone utc here, not ${zone}`);
  return format.replaceAll(/%(.?)/gs, (whole, letter: string) => {
    const part = PARTS[letter];
    if (part === undefined) throw new Error(`{% now %} does not support ${whole} here`);
    return part(now);
  });
}

const two = (number: number) => String(number).padStart(2, '0');

const PARTS: Readonly<Record<string, (now: Date) => string>> = {
  Y: (now) => String(now.getUTCFullYear()),
  y: (now) => two(now.getUTCFullYear() % 100),
  m: (now) => two(now.getUTCMonth() + 1),
  d: (now) => two(now.getUTCDate()),
  H: (now) => two(now.getUTCHours()),
  I: (now) => two(now.getUTCHours() % 12 || 12),
  M: (now) => two(now.getUTCMinutes()),
  S: (now) => two(now.getUTCSeconds()),
  f: (now) => String(now.getUTCMilliseconds() * 1000).padStart(6, '0'),
  p: (now) => (now.getUTCHours() < 12 ? 'AM' : 'PM'),
  A: (now) => DAYS[now.getUTCDay()] ?? '',
  a: (now) => (DAYS[now.getUTCDay()] ?? '').slice(0, 3),
  B: (now) => MONTHS[now.getUTCMonth()] ?? '',
  b: (now) => (MONTHS[now.getUTCMonth()] ?? '').slice(0, 3),
  j: (now) => String(Math.floor((now.getTime() - Date.UTC(now.getUTCFullYear(), 0, 0)) / 86_400_000)).padStart(3, '0'),
  w: (now) => String(now.getUTCDay()),
  z: () => '+0000',
  Z: () => 'UTC',
  '%': () => '%',
};
