import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setOutputs } from '../../../src/action/report/outputs.ts';
import { REPORT } from '../report.ts';

it('the outputs of a run are written for the steps that follow', async () => {
  const directory = await mkdtemp(path.join(tmpdir(), 'outputs-'));
  const file = path.join(directory, 'output');
  await writeFile(file, '');
  process.env.GITHUB_OUTPUT = file;
  try {
    setOutputs(REPORT);
    // GitHub's form for a value of any content: name<<delimiter, value, delimiter.
    const written = (await readFile(file, 'utf8')).matchAll(/^(.+?)<<(ghadelimiter_.+)\n([\s\S]*?)\n\2$/gm);
    const outputs = Object.fromEntries([...written].map(([, name = '', , value = '']) => [name, value]));
    const { workflows, ...texts } = outputs;
    expect(texts).toEqual({
      instance: 'riverside',
      namespace: 'riverside',
      application: 'riverside-production',
      'config-path': 'instances/riverside/config.yml',
      'commit-sha': '0123456789abcdef0123456789abcdef01234567',
      bucket: 'launchpad-riverside-3fa9c1e',
      changed: 'true',
      'sync-status': 'Synced',
      'health-status': 'Healthy',
    });
    expect(JSON.parse(workflows ?? '')).toEqual(REPORT.workflows);
  } finally {
    delete process.env.GITHUB_OUTPUT;
    await rm(directory, { recursive: true });
  }
});
