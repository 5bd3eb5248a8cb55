import type { InstanceFiles } from '../instance/plan.ts';
import type { BranchHead } from './branch-head.ts';
import type { BranchHeads } from './cluster-repository.ts';
import type { TemplateSources } from './template-sources.ts';

/**
 * Reads an instance's files, and every other instance's config.yml: of those that are in use what the base has, so that a
 * pull request cannot take away what guards them, and besides what the pull request makes of them.
 */
export async function readInstanceFiles(
  { head, base }: BranchHeads,
  instancesDirectory: string,
  name: string,
): Promise<InstanceFiles> {
  const [configs, inUse, application] = await Promise.all([
    head.readMany(instancesDirectory, 'config.yml'),
    base === head ? new Map() : base.readMany(instancesDirectory, 'config.yml'),
    head.read(`${instancesDirectory}/${name}/application.yml`),
  ]);
  const others = [...inUse, ...configs].flatMap(([path, bytes]) => {
    const other = path.split('/').at(-2) ?? '';
    return other === name ? [] : [{ name: other, bytes }];
  });
  return { config: configs.get(`${instancesDirectory}/${name}/config.yml`), application, others };
}

/** The files with what the missing ones are to be made from, where any is missing. */
export async function withMissing(
  files: InstanceFiles,
  templateSources: TemplateSources,
  head: BranchHead,
): Promise<InstanceFiles> {
  if (files.config !== undefined && files.application !== undefined) return files;
  return { ...files, templateSource: await templateSources.read(head) };
}

/** Those of a directory's files that the commit does not have, by their paths in the repository. */
export async function newOnly(
  files: ReadonlyMap<string, Uint8Array>,
  directory: string,
  head: BranchHead,
): Promise<[path: string, bytes: Uint8Array][]> {
  const found: [string, Uint8Array][] = [];
  for (const [file, bytes] of files) {
    const path = `${directory}/${file}`;
    if (!(await head.exists(path))) found.push([path, bytes]);
  }
  return found;
}
