/** Names and labels of what we make in a cluster; one place, so that what one run makes another run finds. */

/** The three kinds of work that a run starts, each a WorkflowTemplate, a Workflow and a provisioner of its own. */
export const KINDS = ['mysql', 'mongodb', 'storage'] as const;

export type Kind = (typeof KINDS)[number];

/** What a run does with an instance. */
export type Operation = 'provision' | 'deprovision';
