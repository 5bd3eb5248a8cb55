import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setOutputs, setOutputsOfSeveral, setResults } from '../../../src/action/report/outputs.ts';
import { LaunchpadError } from '../../../src/core/errors.ts';
import { failed, provisioned } from '../outcomes.ts';
import { REPORT } from '../report.ts';

let file = '';
beforeEach(async () => {
  file = path.join(await mkdtemp(path.join(tmpdir(), 'outputs-')), 'output');
  await writeFile(file, '');
  process.env.GITHUB_OUTPUT = file;
});
afterEach(async () => {
  delete process.env.GITHUB_OUTPUT;
  await rm(path.dirname(file), { recursive: true });
});

/** The outputs as GitHub reads them: name<<delimiter, value, delimiter. */
async function texts(): Promise<Record<string, string>> {
  const text = await readFile(file, 'utf8');
  const found = text.matchAll(/^(.+?)<<(ghadelimiter_.+)\n([\s\S]*?)\n\2$/gm);
  return Object.fromEntries([...found].map(([, name = '', , value = '']) => [name, value]));
}

async function outputs(): Promise<Record<string, unknown>> {
  return Object.fromEntries(Object.entries(await texts()).map(([name, text]) => [name, JSON.parse(text)]));
}
const redact = (text: string) => text.replaceAll('hunter2', '***');

it('the outputs of a run are written for the steps that follow', async () => {
  setOutputs(REPORT);
  const { workflows = '', ...others } = await texts();
  expect(others).toEqual({
    instance: 'riverside',
    namespace: 'riverside',
    application: 'riverside-production',
    'config-path': 'instances/riverside/config.yml',
    'commit-sha': '0123456789abcdef0123456789abcdef01234567',
    bucket: 'launchpad-riverside-3fa9c1e',
    'lms-url': 'https://riverside.example.org',
    'cms-url': 'https://studio.riverside.example.org',
    changed: 'true',
    kept: '',
    'sync-status': 'Synced',
    'health-status': 'Healthy',
  });
  expect(JSON.parse(workflows)).toEqual(REPORT.workflows);
});

it('each output of several instances is JSON by name, so that false is false', async () => {
  setOutputsOfSeveral([REPORT, { ...REPORT, instance: 'hillside', namespace: 'hillside', changed: false }]);
  expect(await outputs()).toMatchObject({
    instance: { riverside: 'riverside', hillside: 'hillside' },
    namespace: { hillside: 'hillside' },
    changed: { riverside: true, hillside: false },
    workflows: { riverside: REPORT.workflows },
  });
});

it('results have every instance, also those that failed, with what went wrong and what to do', async () => {
  setResults(
    [provisioned('a'), failed('b', new LaunchpadError('denied', 'No for hunter2.', { remedy: 'Ask.' }))],
    redact,
  );
  const urls = { 'lms-url': 'https://riverside.example.org', 'cms-url': 'https://studio.riverside.example.org' };
  expect((await outputs()).results).toEqual({
    a: {
      outcome: 'provisioned',
      ...urls,
      seconds: 13.1,
      instance: 'a',
      namespace: 'a',
      application: 'a-production',
      'config-path': 'instances/a/config.yml',
      'commit-sha': REPORT.commitSha,
      bucket: 'launchpad-a-3fa9c1e',
      changed: true,
      kept: '',
      workflows: REPORT.workflows,
      'sync-status': 'Synced',
      'health-status': 'Healthy',
    },
    b: { outcome: 'failed', error: { code: 'denied', message: 'No for ***.', remedy: 'Ask.' } },
  });
});

it('results have all failures of one that met several, and a code for what nobody knew', async () => {
  const several = new AggregateError([new LaunchpadError('first', 'One.'), new Error('two')], 'x');
  setResults([failed('a', several), failed('b', new Error('strange'))], redact);
  expect((await outputs()).results).toMatchObject({
    a: { error: { code: 'first', message: expect.stringMatching(/^One\.\n.*two$/) } },
    b: { error: { code: 'unexpected' } },
  });
});

it('the outputs of hundreds with endless errors stay far below what GitHub takes', async () => {
  const error = () => new LaunchpadError('long', 'x'.repeat(50_000), { remedy: 'y'.repeat(50_000) });
  setResults(
    Array.from({ length: 300 }, (_, index) => failed(`school-${index}`, error())),
    redact,
  );
  expect((await readFile(file, 'utf8')).length * 2).toBeLessThan(600_000);
});
