// Base components. Features use these and the classes of styles/ui.css; nothing else draws a button.
export * from './badge';
export * from './banner';
export * from './button';
export * from './class';
export * from './dialog';
export * from './fields';
export * from './icon';
export * from './menu';
export * from './meter';
export * from './toast';
