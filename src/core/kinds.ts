/** The three kinds of work that a run starts, each with its own WorkflowTemplate, Workflow and provisioner. */
export const KINDS = ['mysql', 'mongodb', 'storage'] as const;

export type Kind = (typeof KINDS)[number];

/** What a run does with an instance; `configure` provisions it with other values in its config.yml. */
export type Operation = 'provision' | 'configure' | 'deprovision';

/** What the workflows of a run do. */
export type WorkflowOperation = Exclude<Operation, 'configure'>;

/** Names of the kinds in titles. */
export const TITLES: Readonly<Record<Kind, string>> = { mysql: 'MySQL', mongodb: 'MongoDB', storage: 'Storage' };
