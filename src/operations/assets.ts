import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { type Programs, programsOf } from '../cluster/workflows/programs.ts';
import { LaunchpadError } from '../core/errors.ts';
import { KINDS, type Kind } from '../core/kinds.ts';

/** The action's own files that a run needs, as text. */
export interface Assets {
  /** manifests/rbac.yml. */
  readonly rbac: string;
  /** manifests/<kind>.yml: the WorkflowTemplates. */
  readonly workflowTemplates: Readonly<Record<Kind, string>>;
  /** dist/provisioners/<kind>.js.br: one bundled file each, compressed. */
  readonly programs: Programs;
  /** templates/instance/: the default templates of a new instance's files. */
  readonly instance: { readonly config: string; readonly application: string };
}

/**
 * Reads the action's own files.
 *
 * @param entry directory of the running entry point, `dist/main` or `build/main`: both lie two levels below the
 *   action's root, and the provisioners beside them.
 */
export async function loadAssets(entry: string): Promise<Assets> {
  const root = path.join(entry, '..', '..');
  const provisioners = path.join(entry, '..', 'provisioners');
  const [rbac, workflowTemplates, packed, config, application] = await Promise.all([
    readText(path.join(root, 'manifests', 'rbac.yml')),
    forEachKind((kind) => readText(path.join(root, 'manifests', `${kind}.yml`))),
    forEachKind((kind) => readAsset(path.join(provisioners, `${kind}.js.br`))),
    readText(path.join(root, 'templates', 'instance', 'config.yml')),
    readText(path.join(root, 'templates', 'instance', 'application.yml')),
  ]);
  return { rbac, workflowTemplates, programs: programsOf(packed), instance: { config, application } };
}

async function forEachKind<T>(read: (kind: Kind) => Promise<T>): Promise<Record<Kind, T>> {
  const [mysql, mongodb, storage] = await Promise.all([read(KINDS[0]), read(KINDS[1]), read(KINDS[2])]);
  return { mysql, mongodb, storage };
}

async function readText(file: string): Promise<string> {
  return (await readAsset(file)).toString('utf8');
}

async function readAsset(file: string): Promise<Buffer> {
  try {
    return await readFile(file);
  } catch (cause) {
    throw new LaunchpadError('action-incomplete', `The action's own file ${file} cannot be read.`, {
      remedy: 'Use a released version of the action (its dist/, manifests/ and templates/ belong together).',
      cause,
    });
  }
}
