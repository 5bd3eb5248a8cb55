import { postStep } from './action/post-step.ts';

await postStep();
