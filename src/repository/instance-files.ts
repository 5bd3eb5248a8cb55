import type { InstanceFiles } from '../instance/plan.ts';
import type { Tip } from './tip.ts';

/** Reads an instance's files, and every other instance's config.yml, as they stand at one commit. */
export async function readInstanceFiles(tip: Tip, instancesDirectory: string, name: string): Promise<InstanceFiles> {
  const [configs, application] = await Promise.all([
    tip.readMany(instancesDirectory, 'config.yml'),
    tip.read(`${instancesDirectory}/${name}/application.yml`),
  ]);
  const others = [...configs].flatMap(([path, bytes]) => {
    const other = path.split('/').at(-2) ?? '';
    return other === name ? [] : [{ name: other, bytes }];
  });
  return { config: configs.get(`${instancesDirectory}/${name}/config.yml`), application, others };
}
