import { readArguments } from '../../sandbox/demo-arguments.ts';

it('provisions my-school with the direct providers unless told otherwise', () => {
  expect(readArguments([])).toEqual({
    kind: 'demo',
    options: { instance: 'my-school', mysql: 'direct', mongodb: 'direct', storage: 's3', bundles: 'dist' },
  });
  expect(readArguments(['hillside', '--mongodb', 'atlas', '--storage=spaces'])).toEqual({
    kind: 'demo',
    options: { instance: 'hillside', mysql: 'direct', mongodb: 'atlas', storage: 'spaces', bundles: 'dist' },
  });
});

it.each([['--help'], ['-h'], ['hillside', '--help']])('%s prints the usage and exits with 0', (...args) => {
  expect(readArguments(args)).toEqual({
    kind: 'usage',
    exitCode: 0,
    text: expect.stringMatching(/^Usage: npm run demo/),
  });
});

it.each([
  ['an unknown option', ['--instances', '3'], "Unknown option '--instances'"],
  ['a second name', ['hillside', 'riverside'], 'Unexpected argument "riverside"'],
  ['an option without its value', ['--mysql'], "'--mysql <value>' argument missing"],
  [
    'a provider that it does not have',
    ['--mongodb', 'documentdb'],
    '--mongodb documentdb: choose direct or digitalocean',
  ],
  ['bundles elsewhere', ['--bundles', '/tmp'], '--bundles /tmp: choose dist or build.'],
  ['an empty provider', ['--storage='], '--storage : choose s3 or spaces.'],
  ['a value for --help', ['--help=yes'], "'-h, --help' does not take an argument"],
])('%s gives the usage and exit code 2', (_, args, reason) => {
  const request = readArguments(args);
  expect(request).toMatchObject({ kind: 'usage', exitCode: 2 });
  expect(request.kind === 'usage' ? request.text : '').toContain(reason);
  expect(request.kind === 'usage' ? request.text : '').toContain('Usage: npm run demo');
});
