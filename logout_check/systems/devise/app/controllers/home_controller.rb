class HomeController < ApplicationController
  before_action :authenticate_user!

  def index
  end

  def colour
    session[:colour] = params[:colour]
    redirect_to root_path
  end

  def events
    response.headers["Content-Type"] = "text/event-stream"
    response.headers["Last-Modified"] = Time.now.httpdate
    self.response_body = Enumerator.new do |stream|
      100.times do |number|
        stream << "data: #{number}\n\n"
        sleep 0.1
      end
    end
  end
end
