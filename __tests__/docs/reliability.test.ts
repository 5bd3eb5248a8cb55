import { readFile } from 'node:fs/promises';
import { CLUSTER_SECTIONS, SECTIONS } from '../faults/cases/sections.ts';
import { whatHolds } from '../faults/fault-case.ts';
import { partOf, rowsIn } from '../faults/rows.ts';

const document = await readFile('docs/reliability.md', 'utf8');
const cases = SECTIONS.flatMap((section) => section.cases);

describe('docs/reliability.md', () => {
  it.each([
    ['faults', SECTIONS, 'npm run test:faults'],
    ['cluster', CLUSTER_SECTIONS, 'npm run test:faults:cluster'],
  ])(
    'has the %s of the suite, in its order, as it writes them, and what an operator sees',
    (part, sections, command) => {
      const rows = rowsIn(partOf(part, document));
      const expected = sections.flatMap((section) => section.cases.map((one) => [one.fault, whatHolds(one)]));
      expect(rows.map(({ fault, holds }) => [fault, holds])).toEqual(expected);
      expect(rows.filter(({ sees }) => sees === '')).toEqual([]);
      expect(document).toContain(`\`${command}\``);
    },
  );

  it('has at least 150 faults, each with a name of its own', () => {
    expect(new Set(cases.map(({ fault }) => fault)).size).toBe(cases.length);
    expect(cases.length).toBeGreaterThanOrEqual(150);
  });
});
