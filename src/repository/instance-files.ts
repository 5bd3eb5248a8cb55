import { LaunchpadError } from '../core/errors.ts';
import type { InstanceFiles } from '../instance/plan.ts';
import type { BranchHead } from './branch-head.ts';
import type { BranchHeads } from './cluster-repository.ts';
import type { TemplateSources } from './template-sources.ts';

/**
 * Reads an instance's files, and the names in every other instance's config.yml: those of the base branch head, which are in use and
 * which a pull request must not hide from the guards, and those of the pull request.
 */
export async function readInstanceFiles(
  { head, base }: BranchHeads,
  instancesDirectory: string,
  name: string,
): Promise<InstanceFiles> {
  const environment = `${instancesDirectory}/${name}/env`;
  const [config, configs, inUse, application, ...built] = await Promise.all([
    head.read(`${instancesDirectory}/${name}/config.yml`),
    head.neighbours(instancesDirectory),
    base === head ? [] : base.neighbours(instancesDirectory),
    head.read(`${instancesDirectory}/${name}/application.yml`),
    head.exists(environment),
    base.exists(environment),
  ]);
  const others = [...inUse, ...configs].filter((other) => other.name !== name);
  return { config, application, others, hasEnvironment: built.includes(true) };
}

/**
 * The files; if one is missing, with the source to create it from. It comes from the base branch: a template gets
 * credentials of the settings, and a pull request could change it to reveal them.
 */
export async function withMissing(
  files: InstanceFiles,
  templateSources: TemplateSources,
  { base }: BranchHeads,
): Promise<InstanceFiles> {
  if (files.config !== undefined && files.application !== undefined) return files;
  return { ...files, templateSource: await templateSources.read(base) };
}

/** The template, if it can be read; its Application has the fields that a preview's may have besides. */
export async function templateIfReadable(
  templateSources: TemplateSources,
  { base }: BranchHeads,
): Promise<InstanceFiles['templateSource']> {
  try {
    return await templateSources.read(base);
  } catch (error) {
    if (error instanceof LaunchpadError) return undefined;
    throw error;
  }
}

/** The files of a directory that the commit does not have, by their paths in the repository. */
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
