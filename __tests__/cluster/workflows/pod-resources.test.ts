import { readFile } from 'node:fs/promises';
import { parse } from 'yaml';
import { parseLog } from '../../../src/cluster/workflows/pod-report.ts';

it.each(['mysql', 'mongodb', 'storage'])(
  'every container of the %s pods has requests and a memory limit',
  async (kind) => {
    const template = parse(await readFile(`manifests/${kind}.yml`, 'utf8'));
    const patch = parse(template.spec.podSpecPatch);
    const main = template.spec.templates.flatMap(({ container }: { container?: object }) => container ?? []);
    const containers = [...main, ...patch.initContainers, ...patch.containers];
    expect(containers.length).toBeGreaterThanOrEqual(3);
    for (const { resources } of containers) {
      expect(resources).toEqual({ requests: { cpu: '50m', memory: '96Mi' }, limits: { memory: '384Mi' } });
    }
  },
);

it("a provisioner's warnings are read from its result", () => {
  const result = { launchpad: 'result', resources: [], warnings: ['The bucket is public.', 4] };
  expect(parseLog(`Warning: The bucket is public.\n${JSON.stringify(result)}\n`)).toMatchObject({
    lines: ['Warning: The bucket is public.'],
    warnings: ['The bucket is public.'],
  });
  expect(parseLog('{"launchpad":"result","resources":[]}').warnings).toEqual([]);
});
