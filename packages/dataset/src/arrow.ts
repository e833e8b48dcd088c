export {
  type ArrowModule,
  type ArrowTable,
  arrowColumns,
  arrowRows,
  toArrowTable,
} from './arrow-table.ts'
