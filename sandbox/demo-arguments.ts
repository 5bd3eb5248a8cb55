import { parseArgs } from 'node:util';

const USAGE = `Usage: npm run demo -- [instance] [options]

Provisions one instance in a sandbox on this machine, and shows what that does. Nothing outside is touched.

  instance                               name of the instance (my-school)
  --mysql direct|digitalocean            provider of MySQL (direct)
  --mongodb direct|digitalocean|atlas    provider of MongoDB (direct)
  --storage s3|spaces                    provider of storage (s3)
  --bundles dist|build                   the action as committed, or as \`npm test\` bundles it (dist)
  --help                                 this text
`;

const CHOICES = {
  mysql: ['direct', 'digitalocean'],
  mongodb: ['direct', 'digitalocean', 'atlas'],
  storage: ['s3', 'spaces'],
  bundles: ['dist', 'build'],
} as const;

type Name = keyof typeof CHOICES;

/** What the demo does. */
export interface DemoOptions extends Readonly<Record<Name, string>> {
  readonly instance: string;
}

/** A demo, or a text to print before exiting with that code. */
export type DemoRequest =
  | { readonly kind: 'demo'; readonly options: DemoOptions }
  | { readonly kind: 'usage'; readonly text: string; readonly exitCode: number };

/** Reads the arguments after the program's name. What is not known gives the usage and exit code 2. */
export function readArguments(args: readonly string[]): DemoRequest {
  const refused = (reason: string): DemoRequest => ({ kind: 'usage', text: `${reason}\n\n${USAGE}`, exitCode: 2 });
  let parsed: ReturnType<typeof parse>;
  try {
    parsed = parse(args);
  } catch (error) {
    return refused(error instanceof Error ? error.message : String(error));
  }
  const { values, positionals } = parsed;
  if (values.help) return { kind: 'usage', text: USAGE, exitCode: 0 };
  const [instance = 'my-school', extra] = positionals;
  if (extra !== undefined) return refused(`Unexpected argument "${extra}": the demo provisions one instance.`);
  for (const name of ['mysql', 'mongodb', 'storage', 'bundles'] as const) {
    const choices: readonly string[] = CHOICES[name];
    if (!choices.includes(values[name])) return refused(`--${name} ${values[name]}: choose ${choices.join(' or ')}.`);
  }
  const { mysql, mongodb, storage, bundles } = values;
  return { kind: 'demo', options: { instance, mysql, mongodb, storage, bundles } };
}

function parse(args: readonly string[]) {
  return parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      mysql: { type: 'string', default: 'direct' },
      mongodb: { type: 'string', default: 'direct' },
      storage: { type: 'string', default: 's3' },
      bundles: { type: 'string', default: 'dist' },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
}
