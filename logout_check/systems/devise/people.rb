# What an operator does at the shell: ruby people.rb ACTION, with LOGIN and PASSWORD given.
require_relative "config/environment"

LOGIN, PASSWORD = ENV["LOGIN"], ENV["PASSWORD"]
SETTINGS = "config/application.rb"

def one
  User.find_by!(email: LOGIN)
end

def create
  ActiveRecord::Schema.define do
    # As `rails generate devise User` writes it, and three columns of the app's own.
    create_table :users do |t|
      t.string :email, null: false, default: ""
      t.string :encrypted_password, null: false, default: ""
      t.string :reset_password_token
      t.datetime :reset_password_sent_at
      t.datetime :remember_created_at
      t.string :name
      t.string :role, null: false, default: "member"
      t.boolean :active, null: false, default: true
      t.timestamps null: false
      t.index :email, unique: true
      t.index :reset_password_token, unique: true
    end
  end
  people = File.read("app.toml").scan(/login = "(.*)", password = "(.*)", name = "(.*)"/)
  people.each { |email, password, name| User.create!(email: email, password: password, name: name) }
end

# There is no call that ends a user's sessions: a password that is set does.
def rotate
  one.update!(password: PASSWORD)
end

def stale_save
  user = one
  puts "loaded"
  $stdout.flush
  $stdin.gets
  user.name_will_change!
  user.save!
end

def deactivate
  one.update!(active: false)
end

def activate
  one.update!(active: true)
end

def set_role
  one.update!(role: "administrator")
end

def set_role_back
  one.update!(role: "member")
end

def delete
  one.destroy!
end

def undelete
  User.create!(email: LOGIN, password: PASSWORD, name: "Alice")
end

def password_sql
  set_hash("changed in SQL")
end

def password_sql_back
  set_hash(PASSWORD)
end

def set_hash(password)
  hash = Devise::Encryptor.digest(User, password)
  sql = ["UPDATE users SET encrypted_password = ? WHERE email = ?", hash, LOGIN]
  ActiveRecord::Base.connection.execute(ActiveRecord::Base.sanitize_sql(sql))
end

# As the guide on security has it: the old key's cookies are still read, and written anew.
def new_key
  File.write(SETTINGS, File.read(SETTINGS).sub("a key for a demonstration", "a newer key, demonstrated"))
  File.write("config/initializers/cookie_rotator.rb", <<~RUBY)
    Rails.application.config.action_dispatch.cookies_rotations.tap do |cookies|
      old = ActiveSupport::KeyGenerator.new("a key for a demonstration" * 4, iterations: 1000)
      salt = Rails.application.config.action_dispatch.authenticated_encrypted_cookie_salt
      cookies.rotate :encrypted, old.generate_key(salt, ActiveSupport::MessageEncryptor.key_len)
    end
  RUBY
end

# The file delivery keeps all mails to one address in one file: the last link is the newest.
def reset_link
  mails = Dir["mails/#{LOGIN}"].map { |path| File.read(path) }.join
  puts mails.scan(/reset_password_token=3D([\w-]+)|reset_password_token=([\w-]+)/).last.compact.first
end

send(ARGV.fetch(0))
