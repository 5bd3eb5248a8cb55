import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { parse } from 'yaml';

const EXAMPLES = path.join(import.meta.dirname, '..', '..', 'docs', 'examples');

/** The action, as workflows name it. */
export const ACTION = 'org/launchpad-provision@v1';

type Values = Readonly<Record<string, unknown>>;

/** What may be declared for a workflow that is called, or for the action. */
export interface Declared {
  readonly required?: boolean;
  readonly default?: unknown;
}

/** A step, or a job that calls a workflow: what uses something. */
export interface Use {
  readonly id?: string;
  readonly uses?: string;
  readonly run?: string;
  readonly with?: Values;
}

export interface Job extends Use {
  readonly if?: string;
  readonly permissions?: Values;
  readonly outputs?: Values;
  readonly secrets?: Values;
  readonly steps?: readonly Use[];
}

interface Workflow {
  readonly name: string;
  readonly on: Readonly<Record<string, unknown>> & {
    readonly workflow_dispatch?: { readonly inputs?: Readonly<Record<string, Declared>> };
    readonly workflow_call?: {
      readonly inputs: Readonly<Record<string, Declared>>;
      readonly secrets: Readonly<Record<string, Declared>>;
      readonly outputs: Readonly<Record<string, { readonly value: string }>>;
    };
  };
  readonly permissions: Values;
  readonly jobs: Readonly<Record<string, Job>>;
}

export interface Example {
  readonly file: string;
  readonly text: string;
  readonly workflow: Workflow;
}

/** The workflow files of docs/examples. */
export async function readExamples(): Promise<Example[]> {
  const files = (await readdir(EXAMPLES)).filter((file) => file.endsWith('.yml')).sort();
  return await Promise.all(
    files.map(async (file) => {
      const text = await readFile(path.join(EXAMPLES, file), 'utf8');
      const workflow: Workflow = parse(text);
      return { file, text, workflow };
    }),
  );
}

export function jobsOf({ workflow }: Example): Job[] {
  return Object.values(workflow.jobs);
}

/** The steps of a job that run the action. */
export function actionSteps({ steps = [] }: Job): Use[] {
  return steps.filter(({ uses }) => uses === ACTION);
}

/** Steps that run the action wherever they stand in a document's YAML, whole workflows or parts of one. */
export function actionStepsIn(value: unknown): Use[] {
  if (Array.isArray(value)) return value.flatMap(actionStepsIn);
  if (typeof value !== 'object' || value === null) return [];
  return [...(isActionStep(value) ? [value] : []), ...Object.values(value).flatMap(actionStepsIn)];
}

function isActionStep(value: object): value is Use {
  return 'uses' in value && value.uses === ACTION;
}

/** The YAML blocks of a page. */
export function yamlBlocks(page: string): unknown[] {
  const blocks = [...page.matchAll(/^( *)```yaml\n([\s\S]*?)^\1```$/gm)];
  return blocks.map(([, indent = '', block = '']) => parse(block.replaceAll(new RegExp(`^${indent}`, 'gm'), '')));
}
