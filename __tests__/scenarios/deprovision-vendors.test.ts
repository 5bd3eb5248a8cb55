import { requestsDuring, writesIn } from '../provisioners/managed-mongodb.ts';
import { deprovisioning, expectRemoved, provisioned, shownSecrets } from './deprovisioned.ts';
import { openWorld } from './world.ts';

const world = await openWorld();
afterAll(() => world.stop());
const { settings, atlas, digitalocean } = world.vendors;

describe('deprovisioning an instance whose databases a vendor manages', () => {
  it.each([
    ['MongoDB on Atlas', settings.mongodbAtlas, atlas, ['DELETE /databaseUsers']],
    [
      'MongoDB on DigitalOcean',
      settings.mongodbDigitalocean,
      digitalocean,
      ['DELETE /dbs', 'DELETE /dbs', 'DELETE /users'],
    ],
    ['MySQL on DigitalOcean', settings.mysqlDigitalocean, digitalocean, []],
  ])(
    '%s: nothing of it is left, and a second run writes nothing',
    async (_, given, vendor, writes) => {
      const scenario = await world.scenario();
      const config = await provisioned(world, scenario, { settings: given });
      const requests = await requestsDuring(vendor, async () => {
        const result = await scenario.run(deprovisioning(scenario, { settings: given }));
        expect(result.log).not.toContain('::error');
        expect(result.code).toBe(0);
        expect(shownSecrets(world, result, config)).toEqual([]);
      });
      expect(writesIn(requests).map((write) => write.replace(/^(DELETE \/\w+).*/, '$1'))).toEqual(writes);
      await expectRemoved(world, scenario, config);
      const again = await scenario.run(deprovisioning(scenario, { settings: given }));
      expect(again.outputs.changed).toBe('false');
    },
    300_000,
  );
});
