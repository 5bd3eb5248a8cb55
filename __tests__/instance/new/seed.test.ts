import { Seed } from '../../../src/instance/new/seed.ts';

describe('the passwords of a seed', () => {
  it('are what password policies want: 32 characters, lower and upper case, a digit, a sign, a letter first', () => {
    for (let count = 0; count < 500; count += 1) {
      const password = Seed.random().password('MYSQL_PASSWORD');
      expect(password).toMatch(/^[A-Za-z][A-Za-z0-9_-]{31}$/);
      for (const kind of [/[a-z]/, /[A-Z]/, /[0-9]/, /[-_]/]) expect(password).toMatch(kind);
    }
  });

  it('are the same for the same seed and key, and differ by key', () => {
    const { bytes } = Seed.random();
    const [one, two] = [Seed.from(bytes), Seed.from(bytes)];
    expect(two.password('A')).toBe(one.password('A'));
    expect(two.password('B')).not.toBe(one.password('A'));
    expect(one.bucketSuffix()).toMatch(/^[0-9a-f]{7}$/);
  });

  it('stay those of a seed that an earlier version stored: a run that it did not finish must find them again', () => {
    const seed = Seed.from(new Uint8Array(32).fill(1));
    expect(seed.password('MYSQL_PASSWORD')).toBe('e8268105587c6f834467bf50569723b1');
  });

  it.each([31, 34])('are refused for %i bytes, which are no seed', (length) => {
    expect(() => Seed.from(new Uint8Array(length))).toThrow('does not have');
  });
});
