# frozen_string_literal: true

# As much of Rails and of Zammad's models as the console script calls, over tables in a JSON file
# (RAILS_DOUBLE): what it does not call is not there, and an unknown column or a write outside of a
# transaction ends the run. At the end the tables are written back, with the number of writes.

require 'json'
require 'time'

module Double
  FILE   = ENV.fetch('RAILS_DOUBLE')
  TABLES = JSON.parse(File.read(FILE))
  STATE  = { 'writes' => 0, 'caches_cleared' => 0, 'open' => false }

  module_function

  def in_ruby(column, value)
    column.to_s.end_with?('_at') && value ? Time.iso8601(value) : value
  end

  def in_json(value)
    value.is_a?(Time) ? value.getutc.strftime('%Y-%m-%dT%H:%M:%S.%LZ') : value
  end

  def write(row, values)
    raise 'a write outside of a transaction' unless STATE['open']

    STATE['writes'] += 1
    values.each do |column, value|
      raise "no column #{column}" unless row.key?(column.to_s)

      row[column.to_s] = in_json(value)
    end
  end

  at_exit { File.write(FILE, JSON.generate(TABLES.merge('double' => STATE))) }
end

class Relation
  def initialize(model, rows)
    @model = model
    @rows = rows
  end

  def pluck(*columns)
    found = @rows.map { |row| columns.map { |column| Double.in_ruby(column, row.fetch(column.to_s)) } }
    columns.one? ? found.flatten(1) : found
  end

  def update_all(values)
    @rows.each { |row| Double.write(row, values) }
    @rows.size
  end

  def each(&block)
    @rows.map { |row| @model.new(row) }.each(&block)
  end

  def group(*columns)
    Grouped.new(@rows, columns)
  end
end

class Grouped
  def initialize(rows, columns)
    @rows = rows
    @columns = columns
  end

  def count
    @rows.group_by { |row| @columns.map { |column| row.fetch(column.to_s) } }.transform_values(&:size)
  end
end

class Model
  class << self
    attr_accessor :table

    def where(condition)
      Relation.new(self, rows_where(condition))
    end

    def find_by(condition)
      row = rows_where(condition).first
      row && new(row)
    end

    def transaction
      Double::STATE['open'] = true
      yield
    ensure
      Double::STATE['open'] = false
    end

    private

    def rows_where(condition)
      tests = condition.map { |column, value| [column.to_s, value.is_a?(Array) ? value : [value]] }
      Double::TABLES.fetch(table).select do |row|
        tests.all? { |column, values| values.include?(row.fetch(column)) }
      end
    end
  end

  def initialize(row)
    @row = row
  end

  def id
    @row.fetch('id')
  end

  def created_at
    Double.in_ruby(:created_at, @row.fetch('created_at'))
  end

  def preferences
    @row.fetch('preferences')
  end

  def update_columns(values)
    Double.write(@row, values)
  end
end

class Ticket < Model
  self.table = 'tickets'

  class Article < Model
    self.table = 'ticket_articles'
  end

  class TimeAccounting < Model
    self.table = 'ticket_time_accountings'
  end

  class State < Model
    self.table = 'ticket_states'

    def self.by_category(category)
      where(state_type_id: { open: [1, 2, 3, 4], closed: [5] }.fetch(category))
    end
  end
end

class History < Model
  self.table = 'histories'

  class Object < Model
    self.table = 'history_objects'
  end
end

class Store < Model
  self.table = 'stores'

  class Object < Model
    self.table = 'store_objects'
  end
end

class User < Model
  self.table = 'users'
end

class Setting < Model
  self.table = 'settings'
end

module Rails
  def self.cache
    self
  end

  def self.clear
    Double::STATE['caches_cleared'] += 1
  end
end
