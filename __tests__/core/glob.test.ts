import { globExpression } from '../../src/core/glob.ts';

const glob = (pattern: string) => globExpression(pattern.split('*').map((part) => RegExp.escape(part)));

it.each([
  ['a*c', 'abc', true],
  ['a*c', 'ac', true],
  ['a*c', 'acd', false],
  ['*b*b', 'abab', true],
  ['*ab*ab', 'xab', false],
  ['ab*ab', 'ab', false],
  ['*', '', true],
  ['a*', 'a\nb', true],
  ['a', 'a', true],
  ['a', 'ab', false],
  ['1*1*1', '111', true],
  ['*.yml', 'x.yml.yml', true],
])('%s matches %j: %s', (pattern, text, isMatch) => {
  expect(glob(pattern).test(text)).toBe(isMatch);
});

it('takes under a second for many stars and 1 MiB of text', () => {
  const start = process.cpuUsage();
  expect(glob(`${'*a'.repeat(40)}*b`).test('a'.repeat(1024 * 1024))).toBe(false);
  expect(process.cpuUsage(start).user).toBeLessThan(1_000_000);
});
