import { mainStep } from './action/main-step.ts';

await mainStep(import.meta.dirname);
