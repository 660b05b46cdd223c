# The article's migration and model, as printed, with the one line that the article leaves out
# (has_secure_password) and the migration version that this ActiveRecord knows.
require "active_record"
require "bcrypt"
require "securerandom"

puts "ruby #{RUBY_VERSION}, activerecord #{ActiveRecord.version}"
ActiveRecord::Base.establish_connection(adapter: "sqlite3", database: ":memory:")
ActiveRecord::Migration.verbose = false
ActiveRecord::Schema.define do
  create_table(:users) { |t| t.string :email, :name, :password_digest }
end

def attempt(what)
  puts "#{what}: #{yield}"
rescue NameError, ActiveRecord::ActiveRecordError => error
  puts "#{what}: #{error.class}: #{error.message[/\A.*?(?= for )|\A.*/]}"
end

class User < ActiveRecord::Base
end
User.insert_all([{ email: "alice@example.com" }, { email: "bob@example.com" }])

class AddSessionTokenToUsers < ActiveRecord::Migration[6.1]
  def change
    add_column :users, :session_token, :string
    User.find_each { |user| user.update_column(:session_token, SecureRandom.hex(16)) }
    change_column_null :users, :session_token, false
  end
end
attempt("the migration") { AddSessionTokenToUsers.migrate(:up) || "ran" }
User.reset_column_information
attempt("users with a token of their own") { User.distinct.count(:session_token) }

class Account < ActiveRecord::Base
  self.table_name = "users"
  has_secure_password validations: false
  before_create :generate_session_token
  before_update :generate_session_token, if: :password_changed?

  def invalidate_sessions!
    generate_session_token
    save!
  end

  private

  def generate_session_token
    self.session_token = SecureRandom.hex(16)
  end
end
attempt("as printed, create") { Account.create!(email: "c@example.com", password: "secret") && "ran" }
attempt("as printed, update(name:)") { Account.last.update(name: "C") && "ran" }
attempt("as printed, update(password:)") { Account.last.update(password: "new") && "ran" }
attempt("as printed, invalidate_sessions!") { Account.last.invalidate_sessions! && "ran" }

class Mended < ActiveRecord::Base
  self.table_name = "users"
  has_secure_password validations: false
  before_create :generate_session_token
  before_update :generate_session_token, if: :will_save_change_to_password_digest?

  def generate_session_token
    self.session_token = SecureRandom.hex(16)
  end
end

def token_changes
  before = Mended.last.session_token
  yield Mended.last
  Mended.last.session_token == before ? "token kept" : "token changed"
end
attempt("mended, update(password:)") { token_changes { |user| user.update(password: "newer") } }
attempt("mended, update(name:)") { token_changes { |user| user.update(name: "D") } }
attempt("mended, update_columns(password_digest:)") { token_changes { |user| user.update_columns(password_digest: "x") } }
attempt("mended, update_all(password_digest:)") { token_changes { Mended.update_all(password_digest: "x") } }
