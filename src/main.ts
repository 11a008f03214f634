#!/usr/bin/env node
import { fileURLToPath } from 'node:url';
import { runProcess } from './cli/process.ts';

await runProcess(fileURLToPath(import.meta.url), process.env);
