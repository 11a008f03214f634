import type { Attach } from './command-line.ts';
import { Command } from 'commander';
export const attachRecord: Attach = () => new Command('record');
