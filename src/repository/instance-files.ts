import type { InstanceFiles } from '../instance/plan.ts';
import type { Blueprints } from './blueprints.ts';
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

/** The files with what the missing ones are to be made from, where any is missing. */
export async function withMissing(files: InstanceFiles, blueprints: Blueprints, tip: Tip): Promise<InstanceFiles> {
  if (files.config !== undefined && files.application !== undefined) return files;
  return { ...files, blueprint: await blueprints.read(tip) };
}

/** Those of a directory's files that the commit does not have, by their paths in the repository. */
export async function newOnly(
  files: ReadonlyMap<string, Uint8Array>,
  directory: string,
  tip: Tip,
): Promise<[path: string, bytes: Uint8Array][]> {
  const found: [string, Uint8Array][] = [];
  for (const [file, bytes] of files) {
    const path = `${directory}/${file}`;
    if (!(await tip.exists(path))) found.push([path, bytes]);
  }
  return found;
}
