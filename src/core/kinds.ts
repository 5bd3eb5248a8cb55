/** The three kinds of work that a run starts, each with its own WorkflowTemplate, Workflow and provisioner. */
export const KINDS = ['mysql', 'mongodb', 'storage'] as const;

export type Kind = (typeof KINDS)[number];

/** What a run does with an instance. */
export type Operation = 'provision' | 'deprovision';
