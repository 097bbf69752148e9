export * from './audit.ts';
export * from './commands.ts';
export * from './diff.ts';
export * from './entities.ts';
export * from './errors.ts';
export * from './history.ts';
export * from './names.ts';
export * from './rules.ts';
