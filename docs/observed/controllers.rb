# The article's controllers, as printed, in a small Rails application. The first argument says
# what is put beside them:
#   bare    nothing but has_secure_password, routes and a login form
#   devise  Devise, so that user_signed_in? and sign_out exist
#   mended  the smallest helpers that make the check run
require "active_record"
require "bcrypt"
require "rails"
require "action_controller/railtie"
READING = ARGV.fetch(0)
require "devise" if READING == "devise"

ActiveRecord::Base.establish_connection(adapter: "sqlite3", database: ":memory:")
ActiveRecord::Migration.verbose = false
ActiveRecord::Schema.define do
  create_table(:users) { |t| t.string :email, :password_digest, :session_token }
end

class Shop < Rails::Application
  config.eager_load = false
  config.consider_all_requests_local = false
  config.secret_key_base = "x" * 64
  config.hosts.clear
  config.logger = Logger.new(nil)
  config.action_dispatch.show_exceptions = false
end
if READING == "devise"
  require "devise/orm/active_record"
  Devise.setup { |config| config.secret_key = "x" * 64 }
end

class User < ActiveRecord::Base
  has_secure_password validations: false
  devise if READING == "devise"
end
user = User.create!(email: "alice@example.com", password_digest: BCrypt::Password.create("secret"), session_token: "first")

Shop.initialize!
Shop.routes.draw do
  devise_for :users, skip: :all if READING == "devise"
  root to: "home#show"
  get "login", to: "sessions#new"
  post "login", to: "sessions#create"
end

class ApplicationController < ActionController::Base
  prepend_view_path File.join(__dir__, "views")
  before_action :validate_session_token, if: :user_signed_in?
  if READING == "mended"
    helper_method def current_user = User.find_by(id: session[:user_id])
    def user_signed_in? = current_user.present?
    def sign_out(_user) = reset_session
  end

  private

  def validate_session_token
    return if session[:session_token] == current_user.session_token

    sign_out current_user
    session.delete(:session_token)
    redirect_to login_path, alert: "Your session has expired. Please log in again."
  end
end

class HomeController < ApplicationController
  def show = render(plain: "home of user #{session[:user_id].inspect}")
end

class SessionsController < ApplicationController
  skip_before_action :validate_session_token

  def create
    user = User.find_by(email: params[:email])

    if user&.authenticate(params[:password])
      session[:user_id] = user.id
      session[:session_token] = user.session_token
      redirect_to root_path, notice: "Successful login"
    else
      render :new, alert: "Invalid credentials"
    end
  end
end

puts "ruby #{RUBY_VERSION}, rails #{Rails.version}#{", devise #{Gem.loaded_specs["devise"]&.version}" if READING == "devise"}"
browser = ActionDispatch::Integration::Session.new(Shop)
step = lambda do |what, &request|
  request.call
  where = browser.response.redirect? ? " to #{URI(browser.response.location).path}" : " #{browser.response.body.strip}"
  puts "#{what}: #{browser.response.status}#{where}"
rescue NameError => error
  puts "#{what}: #{error.class}: #{error.message[/\A.*?(?= for )|\A.*/]}"
end
step.("wrong password") { browser.post "/login", params: { email: user.email, password: "wrong" } }
step.("login") { browser.post "/login", params: { email: user.email, password: "secret" } }
step.("home page") { browser.get "/" }
User.update_all(session_token: "second")
step.("home page, after the token was changed") { browser.get "/" }
step.("login page after that") { browser.get "/login" }
