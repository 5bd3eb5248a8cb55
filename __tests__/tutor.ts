import { spawnSync } from 'node:child_process';
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { load } from 'js-yaml';
import { type Fields, fieldsOf } from '../src/core/fields.ts';

/** A Python that has Tutor: `scripts/install-tutor.sh` makes one. */
const python = process.env.TEST_TUTOR_PYTHON || 'python3';
export const isTutorThere = spawnSync(python, ['-c', 'import tutor, drydock, tutormfe, tutorforum']).status === 0;
/** The real tutor-contrib-s3, else a plugin that has its documented keys. */
export const hasS3 = spawnSync(python, ['-c', 'import tutors3']).status === 0;
const PLUGINS = path.join(import.meta.dirname, 'fixtures/tutor-plugins');

/** The settings modules that Tutor renders: each assignment of a value that needs no running Open edX. */
const LITERALS = `
import ast, json, sys
values = {}
for node in ast.parse(open(sys.argv[1]).read()).body:
    if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
        try: values[node.targets[0].id] = ast.literal_eval(node.value)
        except ValueError: pass
print(json.dumps(values, default=str))`;

/** An instance as Tutor renders it after the commands that the build runs. */
export class TutorRoot {
  readonly directory: string;

  private constructor(directory: string) {
    this.directory = directory;
  }

  /** Enables the plugins that the build of this config.yml enables, and renders it. */
  static async render(config: string | Uint8Array): Promise<TutorRoot> {
    const tutor = new TutorRoot(await mkdtemp(path.join(tmpdir(), 'launchpad-tutor-')));
    if (!hasS3) await cp(PLUGINS, path.join(tutor.directory, 'plugins'), { recursive: true });
    await writeFile(path.join(tutor.directory, 'config.yml'), config);
    const enabled = (await tutor.commands()).filter((command) => command.startsWith('tutor plugins '));
    for (const command of enabled) tutor.tutor(...command.split(' ').slice(1));
    tutor.tutor('config', 'save');
    return tutor;
  }

  async remove(): Promise<void> {
    await rm(this.directory, { recursive: true, force: true });
  }

  /** What the build runs before it renders the instance. */
  async commands(): Promise<string[]> {
    const { PICASSO_EXTRA_COMMANDS: commands } = fieldsOf(load(await this.readConfig()));
    return Array.isArray(commands) ? commands.map(String) : [];
  }

  async readConfig(): Promise<string> {
    return await readFile(path.join(this.directory, 'config.yml'), 'utf8');
  }

  run(...args: readonly string[]): string {
    const env = {
      PATH: process.env.PATH ?? '',
      HOME: this.directory,
      TUTOR_ROOT: this.directory,
      TUTOR_PLUGINS_ROOT: path.join(this.directory, 'plugins'),
    };
    const { stdout, stderr, status } = spawnSync(python, args, { encoding: 'utf8', env });
    if (status !== 0) throw new Error(`${args.join(' ')}: ${stderr}`);
    return stdout;
  }

  tutor(...args: readonly string[]): string {
    return this.run('-c', 'from tutor.commands.cli import main; main()', ...args);
  }

  async read(file: string): Promise<string> {
    return await readFile(path.join(this.directory, 'env', file), 'utf8');
  }

  async yaml(file: string): Promise<Fields> {
    return fieldsOf(load(await this.read(file)));
  }

  settings(service: string): Fields {
    const file = path.join(this.directory, 'env/apps/openedx/settings', service, 'production.py');
    return fieldsOf(JSON.parse(this.run('-c', LITERALS, file)));
  }
}
